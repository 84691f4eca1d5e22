/** What the person has heard of an action in the end. */
export type Heard = "done" | "refused" | "nothing";
