-- Each flight with the places it left and reached. A code that is in no list of airports keeps its flight, with empty
-- names, so that validate_data can point at it.
copy (
  select
    flights.departed_at,
    hour(flights.departed_at)::integer as hour,
    flights.delay::integer as delay,
    flights.distance::integer as distance,
    flights.origin,
    origin.name as origin_name,
    origin.city as origin_city,
    origin.state as origin_state,
    origin.latitude as origin_latitude,
    origin.longitude as origin_longitude,
    flights.destination,
    destination.city as destination_city
  from read_parquet({{ input.flights.file }}) as flights
  left join read_parquet({{ input.airports.file }}) as origin on origin.iata = flights.origin
  left join read_parquet({{ input.airports.file }}) as destination on destination.iata = flights.destination
  order by all
) to ({{ input.flights.staging }} || '/joined.parquet') (format parquet);
