{# The first and the last day of an SDMX time period: 2024, 2024-S1, 2024-Q2 or 2024-06. #}
{% macro period_first_month(period) -%}
    case
        when length({{ period }}) = 4 then 1
        when substr({{ period }}, 6, 1) = 'S' then 6 * try_cast(substr({{ period }}, 7) as bigint) - 5
        when substr({{ period }}, 6, 1) = 'Q' then 3 * try_cast(substr({{ period }}, 7) as bigint) - 2
        else try_cast(substr({{ period }}, 6) as bigint)
    end
{%- endmacro %}

{% macro period_months(period) -%}
    case
        when length({{ period }}) = 4 then 12
        when substr({{ period }}, 6, 1) = 'S' then 6
        when substr({{ period }}, 6, 1) = 'Q' then 3
        else 1
    end
{%- endmacro %}

{% macro period_start(period) -%}
    make_date(cast(left({{ period }}, 4) as bigint), {{ period_first_month(period) }}, 1)
{%- endmacro %}

{% macro period_end(period) -%}
    cast({{ period_start(period) }} + to_months({{ period_months(period) }}) - interval 1 day as date)
{%- endmacro %}
