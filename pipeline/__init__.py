"""Livelihood programmes (民生实事) as open data: curated CSV in, a checked and versioned data package out.

The modules read in the order of the flow: `curated` reads files, `checks` judges them, `warehouse` builds the
marts, `gate` and `release` publish them. See docs/architecture.md.
"""

__version__ = "0.1.0"
