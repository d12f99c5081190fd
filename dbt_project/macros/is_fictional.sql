{# Whether a jurisdiction is invented; pipeline/fiction.py says by which codes, and warehouse.py hands them over. #}
{% macro is_fictional(jurisdiction_code) -%}
    starts_with({{ jurisdiction_code }}, '{{ var("fictional_prefix") }}')
{%- endmacro %}
