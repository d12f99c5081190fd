"""The checks: functions from a dataset to findings, registered under the codes they can report."""
