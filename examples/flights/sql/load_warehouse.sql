-- Puts the day in place of what the warehouse has of it. All statements are one transaction: the same day loaded twice
-- leaves the same rows, and nobody ever sees half a day.
set variable staging = {{ params.folder }} || '/staging/' || {{ ds }};

create table if not exists delays_by_airport (
  day date not null, airport varchar not null, name varchar not null, city varchar not null, state varchar not null,
  latitude double not null, longitude double not null,
  flights integer not null, late_flights integer not null, delay_minutes integer not null,
  primary key (day, airport)
);
create table if not exists delays_by_hour (
  day date not null, hour integer not null,
  flights integer not null, late_flights integer not null, delay_minutes integer not null,
  primary key (day, hour)
);
create table if not exists delays_by_route (
  day date not null, origin varchar not null, origin_city varchar not null, destination varchar not null,
  destination_city varchar not null, miles integer not null,
  flights integer not null, late_flights integer not null, delay_minutes integer not null, longest_delay integer not null,
  primary key (day, origin, destination)
);
create table if not exists flights_by_delay (
  day date not null, delay integer not null, flights integer not null,
  primary key (day, delay)
);

delete from delays_by_airport where day = {{ ds }};
delete from delays_by_hour where day = {{ ds }};
delete from delays_by_route where day = {{ ds }};
delete from flights_by_delay where day = {{ ds }};

insert into delays_by_airport by name
select {{ ds }} as day, * from read_parquet(getvariable('staging') || '/delays_by_airport.parquet');
insert into delays_by_hour by name
select {{ ds }} as day, * from read_parquet(getvariable('staging') || '/delays_by_hour.parquet');
insert into delays_by_route by name
select {{ ds }} as day, * from read_parquet(getvariable('staging') || '/delays_by_route.parquet');
insert into flights_by_delay by name
select {{ ds }} as day, * from read_parquet(getvariable('staging') || '/flights_by_delay.parquet');
