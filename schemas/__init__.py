"""What valid data is: Table Schemas (tables/, marts/), row models (models.py), the rule catalogue (rules.toml)."""
