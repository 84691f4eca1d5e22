/** Everything the report of one day shows, as read from the warehouse. Delays are arrival delays in minutes. */
export interface DayFigures {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly flights: number;
  /** Arrived `LATE_MINUTES` after schedule or later. */
  readonly lateFlights: number;
  readonly meanDelay: number;
  readonly medianDelay: number;
  /** The flight that arrived latest. */
  readonly worst: { readonly delay: number; readonly origin: string; readonly destination: string };
  readonly routeCount: number;
  readonly hours: readonly HourFigures[];
  readonly airports: readonly AirportFigures[];
  /** The routes with the longest mean delay among those with a few flights. */
  readonly routes: readonly RouteFigures[];
  /** How many flights had each delay, in minutes, ascending. */
  readonly delays: readonly DelayCount[];
}

/** The US Department of Transportation counts a flight as late from here on. */
export const LATE_MINUTES = 15;

export interface HourFigures {
  /** 0 to 23, local time at the origin, of the actual departure. */
  readonly hour: number;
  readonly flights: number;
  readonly meanDelay: number;
}

export interface AirportFigures {
  readonly airport: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly flights: number;
  readonly lateFlights: number;
  readonly meanDelay: number;
}

export interface RouteFigures {
  readonly origin: string;
  readonly originCity: string;
  readonly destination: string;
  readonly destinationCity: string;
  readonly flights: number;
  readonly lateFlights: number;
  readonly meanDelay: number;
}

export interface DelayCount {
  readonly delay: number;
  readonly flights: number;
}
