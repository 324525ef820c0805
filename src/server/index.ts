/** @module HTTP: the webhook that the API server asks, with every bound on what it takes, and its probes. */
export { type ControllerReply, type ControllerServer, startControllerServer } from './controller.ts';
export type { ServerCounters } from './counters.ts';
export { type HeldPort, holdPort } from './held-port.ts';
export type { Accept, HttpReply, Job, WebhookKind } from './job.ts';
export { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
export { type PushServer, startPushServer } from './push.ts';
export { startWebhookServer, type WebhookServer, type WebhookServerOptions } from './server.ts';
export type { Certificate, ClientCheck } from './tls.ts';
