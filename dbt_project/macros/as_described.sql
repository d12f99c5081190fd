{#
    A mart holds what its Table Schema says: its key once, registered values only, references that lead somewhere.
    Returns what does not: the column, the value, what is wrong. One test a mart and not one a column, as each test costs
    dbt more than its query. What may not be empty is in the contract of the model.
#}
{% test as_described(model, key, values={}, references={}) %}
select
    '{{ key | join(", ") }}' as column_name,
    concat_ws('/', {{ key | join(', ') }}) as value,
    'repeated' as problem
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1
{% for column, allowed in values.items() %}
union all
select
    '{{ column }}' as column_name,
    cast({{ column }} as varchar) as value,
    'not registered' as problem
from {{ model }}
where {{ column }} not in (
    {%- for each in allowed %}{{ dbt.string_literal(dbt.escape_single_quotes(each)) }}{{ ', ' if not loop.last }}{% endfor -%}
)
{% endfor %}
{% for column, to in references.items() %}
union all
select
    '{{ column }}' as column_name,
    cast({{ column }} as varchar) as value,
    'not in {{ to.model }}' as problem
from {{ model }}
where {{ column }} is not null and {{ column }} not in (select {{ to.column }} from {{ ref(to.model) }})
{% endfor %}
{% endtest %}
