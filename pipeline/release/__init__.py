"""The release stage: what is published, as a folder that is whole or not there."""
