"""A bulletin as pages and a table: words, charts, sections, the page, the table, and writing them."""
