/** Time is always injected. `monoMs` measures durations, `wallMs` (the person's clock) is only ever subtracted from itself. */
export interface Clock {
  monoMs(): number;
  wallMs(): number;
}
