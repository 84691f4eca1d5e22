/** A table of the warehouse: one partition a day, worked out from the joined flights of that day. */
export interface DelayTable {
  readonly name: string;
  /** Columns beside `day`, as SQL. */
  readonly columns: string;
  /** Columns that name a row within its day. */
  readonly key: string;
  /** Gives the rows of one day, without `day`, from the table `flights`. */
  readonly query: string;
}

/**
 * The tables hold counts and sums, which add up over days; means are worked out where they are shown. A flight is late
 * from 15 minutes on, as the US Department of Transportation counts.
 */
export const DELAY_TABLES: readonly DelayTable[] = [
  {
    name: "delays_by_airport",
    columns: `airport varchar not null, name varchar not null, city varchar not null, state varchar not null,
      latitude double not null, longitude double not null,
      flights integer not null, late_flights integer not null, delay_minutes integer not null`,
    key: "airport",
    query: `
      select origin as airport, origin_name as name, origin_city as city, origin_state as state,
        origin_latitude as latitude, origin_longitude as longitude, count(*) as flights,
        count(*) filter (delay >= 15) as late_flights, sum(delay) as delay_minutes
      from flights
      group by all
      order by airport`,
  },
  {
    name: "delays_by_hour",
    columns:
      "hour integer not null, flights integer not null, late_flights integer not null, delay_minutes integer not null",
    key: "hour",
    query: `
      select hour(departed_at) as hour, count(*) as flights, count(*) filter (delay >= 15) as late_flights,
        sum(delay) as delay_minutes
      from flights
      group by all
      order by hour`,
  },
  {
    name: "delays_by_route",
    columns: `origin varchar not null, origin_city varchar not null, destination varchar not null,
      destination_city varchar not null, miles integer not null, flights integer not null,
      late_flights integer not null, delay_minutes integer not null, longest_delay integer not null`,
    key: "origin, destination",
    query: `
      select origin, origin_city, destination, destination_city, max(distance) as miles, count(*) as flights,
        count(*) filter (delay >= 15) as late_flights, sum(delay) as delay_minutes, max(delay) as longest_delay
      from flights
      group by all
      order by origin, destination`,
  },
  {
    name: "flights_by_delay",
    columns: "delay integer not null, flights integer not null",
    key: "delay",
    query: "select delay, count(*) as flights from flights group by all order by delay",
  },
];
