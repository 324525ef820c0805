/** What can be done about a policy that this version does not run, and that is to stay as it is; in the middle of a sentence. */
export const SET_ASIDE = 'keep it out of --policies, or name it under "unsupported:" in rampart.yaml';
