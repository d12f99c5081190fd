{# The day on which everything is judged: that of pipeline/clock.py, or today where dbt is run by hand. #}
{% macro as_of() -%}
    cast('{{ var("as_of", run_started_at.strftime("%Y-%m-%d")) }}' as date)
{%- endmacro %}
