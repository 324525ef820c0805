/** What the receiver of a change says of it: it is in force, or nothing of it is and this is why. */
export type Answer = { readonly accepted: true } | { readonly accepted: false; readonly reason: string };
