-- The rows of the day for each table of the warehouse, one Parquet file per table. They hold counts and sums, which add
-- up over days; means are worked out where they are shown. A flight is late from 15 minutes on, as the US Department of
-- Transportation counts. A flight whose delay is not known counts nowhere; validate_data sees to it that there are few.
set variable staging = {{ params.folder }} || '/staging/' || {{ ds }};

create table flights as
select *, delay >= 15 as late from read_parquet(getvariable('staging') || '/joined.parquet') where delay is not null;

copy (
  select
    origin as airport, origin_name as name, origin_city as city, origin_state as state,
    origin_latitude as latitude, origin_longitude as longitude,
    count(*)::integer as flights, count(*) filter (late)::integer as late_flights, sum(delay)::integer as delay_minutes
  from flights
  group by all
  order by airport
) to (getvariable('staging') || '/delays_by_airport.parquet') (format parquet);

copy (
  select
    hour(departed_at)::integer as hour,
    count(*)::integer as flights, count(*) filter (late)::integer as late_flights, sum(delay)::integer as delay_minutes
  from flights
  group by all
  order by hour
) to (getvariable('staging') || '/delays_by_hour.parquet') (format parquet);

copy (
  select
    origin, origin_city, destination, destination_city, max(distance) as miles,
    count(*)::integer as flights, count(*) filter (late)::integer as late_flights, sum(delay)::integer as delay_minutes,
    max(delay) as longest_delay
  from flights
  group by all
  order by origin, destination
) to (getvariable('staging') || '/delays_by_route.parquet') (format parquet);

copy (
  select delay, count(*)::integer as flights
  from flights
  group by all
  order by delay
) to (getvariable('staging') || '/flights_by_delay.parquet') (format parquet);
