{# A value in the base unit of its dimension, as an exact decimal: value × numerator ÷ denominator.
   DuckDB divides decimals as doubles, so nothing is divided where the denominator is 1. #}
{% macro to_base(value, unit) -%}
    case
        when {{ unit }}.denominator = 1
            then cast({{ value }} * cast({{ unit }}.numerator as decimal(10, 0)) as decimal(38, 9))
        else cast(
            cast({{ value }} * cast({{ unit }}.numerator as decimal(10, 0)) as double) / {{ unit }}.denominator
            as decimal(38, 9)
        )
    end
{%- endmacro %}
