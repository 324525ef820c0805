import type { Check, Diagnosis } from '../facts.ts';

/** Whether something decides, and how far it goes. */
export const checkSnapshot: Check = ({ snapshot, noSnapshot }) => {
  if (snapshot === undefined)
    return [
      {
        state: 'gap',
        what: 'snapshot',
        detail: `nothing is in force: ${noSnapshot ?? 'there is none'}`,
        help: 'rampart serve makes one; rampart snapshot build says what keeps it from that',
      },
    ];
  const { digest, set, observed, stages } = snapshot;
  const enforced = set.policies.filter(({ id }) => stages.get(id)?.some(({ stage }) => stage === 'enforce'));
  const found: Diagnosis[] = [
    {
      state: 'ok',
      what: 'snapshot',
      detail: `${digest.slice(0, 19)}…: ${set.policies.length} policies, ${enforced.length} of them enforced somewhere, ${observed.policies.length} only observed`,
    },
  ];
  if (enforced.length === 0)
    found.push({
      state: 'gap',
      what: 'stages',
      detail: 'no policy is enforced anywhere: all of them audit or warn',
      help: 'stages in rampart.yaml say which do more',
    });
  return found;
};
