{# Schemas are named as configured, without dbt's prefix: marts stand in `main`, where analysts look first. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or 'main' }}
{%- endmacro %}
