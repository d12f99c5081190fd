"""Measurements run by hand or `make bench`: ratios within one run, never in a timed test."""
