{# Which of two reports of one agency and period is the later: by the day it bears (else of its receipt), then by
   receipt; what was received at one instant in the order first, replacement, supplement, of two of a kind the one that
   a person accepted, and then by its bytes, so that it does not matter which was recorded first. The same as
   sources/intake/rulings.py. #}
{% macro version_order(alias='') -%}
    {%- set of = alias ~ '.' if alias else '' -%}
    row(
        {{ of }}ordered_on,
        {{ of }}received_at,
        array_position(array['first', 'replacement', 'supplement'], {{ of }}report_kind),
        coalesce({{ of }}is_accepted, false),
        {{ of }}sha256,
        {{ of }}delivery_id
    )
{%- endmacro %}
