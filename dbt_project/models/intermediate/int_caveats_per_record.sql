-- how many caveats a record has, and of which kinds
select
    "table" as table_name,
    record_id,
    count(*) as caveats,
    string_agg(distinct kind, ';' order by kind) as caveat_kinds
from {{ ref('stg_caveats') }}
group by "table", record_id
