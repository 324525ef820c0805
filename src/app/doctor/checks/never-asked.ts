import type { Check } from '../facts.ts';

/** What the API server asks no webhook about, whatever its configuration. */
export const checkNeverAsked: Check = ({ cluster }) =>
  cluster?.webhooks === undefined || cluster.webhooks.length === 0
    ? []
    : [
        {
          state: 'ok',
          what: 'never asked',
          detail:
            'webhook configurations themselves: a ValidatingAdmissionPolicy can guard them (rampart policies convert), no webhook can',
        },
      ];
