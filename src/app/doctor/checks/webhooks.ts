import type { Check, Diagnosis } from '../facts.ts';

/** Whether the API server asks at all, and what happens when nobody answers. */
export const checkWebhooks: Check = ({ cluster }) => {
  if (cluster === undefined) return [{ state: 'unknown', what: 'webhook', detail: 'no cluster was asked' }];
  const { webhooks, reached } = cluster;
  if (webhooks === undefined)
    return [
      {
        state: 'unknown',
        what: 'webhook',
        detail: 'webhook configurations may not be listed by whoever asks',
      },
    ];
  if (webhooks.length === 0)
    return [
      {
        state: 'gap',
        what: 'webhook',
        detail: 'no webhook configuration leads here: the API server asks nobody',
        help: 'rampart webhook manifest … | kubectl apply -f -',
      },
    ];
  return [
    ...webhooks.flatMap(
      ({ configuration, name, failurePolicy, objectSelector, matchPolicy }): Diagnosis[] => [
        {
          state: 'ok',
          what: 'webhook',
          detail: `${configuration} asks ${name}; without an answer requests ${failurePolicy === 'Fail' ? 'are refused' : 'pass unseen, and the background scan finds what they made'}`,
        },
        ...(isEmpty(objectSelector)
          ? []
          : [
              gap(
                `${name} has an objectSelector: whoever leaves out a label is not asked about`,
                'remove the objectSelector',
              ),
            ]),
        ...(matchPolicy === 'Exact'
          ? [
              gap(
                `${name} has matchPolicy Exact: other versions of a kind pass unseen`,
                'set matchPolicy Equivalent',
              ),
            ]
          : []),
      ],
    ),
    ...reached.map(
      ({ url, status, detail }): Diagnosis =>
        status === 200
          ? { state: 'ok', what: 'webhook', detail: `${url} is ready` }
          : gap(`${url} is not ready: ${detail}`, 'look at the log of rampart serve'),
    ),
  ];
};

function gap(detail: string, help: string): Diagnosis {
  return { state: 'gap', what: 'webhook', detail, help };
}

function isEmpty(selector: object): boolean {
  return Object.values(selector).every((value) => Object.keys(value ?? {}).length === 0);
}
