/** What kubelets and load balancers ask. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Target } from './address.ts';
import type { ServerCounters } from './counters.ts';
import type { WebhookKind } from './job.ts';
import { type Lifecycle, write } from './write.ts';

export interface ProbeOptions {
  readonly ready: () => true | string;
  readonly lifecycle: Lifecycle;
  readonly counters: ServerCounters;
  readonly onError: (error: unknown) => void;
}

export function answerProbe(
  target: Exclude<Target, WebhookKind>,
  request: IncomingMessage,
  response: ServerResponse,
  options: ProbeOptions,
): void {
  const { lifecycle, counters } = options;
  request.resume();
  if (target === 'none') {
    counters.notFound++;
    write(response, lifecycle, 404, 'no such path');
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    write(response, lifecycle, 405, 'only GET', ['allow', 'GET, HEAD']);
  } else {
    const reason = target === 'live' ? true : readiness(options);
    if (reason === true) write(response, lifecycle, 200, 'ok');
    else write(response, lifecycle, 503, reason);
  }
}

function readiness({ ready, lifecycle, onError }: ProbeOptions): true | string {
  if (lifecycle.draining) return 'shutting down';
  try {
    return ready();
  } catch (error) {
    onError(error);
    return 'it could not be found out whether this worker is ready';
  }
}
