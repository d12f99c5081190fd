-- one row a target: how far it has got on the day of judgement, with all that enters the formulas
{{ attainment_rows('judged.as_of = ' ~ as_of()) }}
order by target_id
