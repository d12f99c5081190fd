"""A ledger as a workbook and a page: words, the tables cell by cell, notes, both files, and writing them."""
