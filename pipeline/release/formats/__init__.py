"""The formats a release is written in, one module a format: each writes the resources it is given and nothing else."""
