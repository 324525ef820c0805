import type { Lifetime } from '../../pki/lifetime.ts';
import type { Check, Diagnosis } from '../facts.ts';

/** Days before the end at which somebody should know: renewal is due long before. */
const ALARM_DAYS = 14;

/** How long certificates last, and whether the API server trusts them. */
export const checkCertificates: Check = ({ certificates, authority, cluster }) => {
  if (authority === undefined)
    return [
      { state: 'gap', what: 'certificates', detail: 'there is no CA', help: 'rampart serve makes one' },
    ];
  const found = certificates.map(ageOf);
  for (const { configuration, name, caBundle } of cluster?.webhooks ?? [])
    if (!caBundle.includes(firstOf(authority)))
      found.push({
        state: 'gap',
        what: 'certificates',
        detail: `${configuration} trusts another CA than this one, so that ${name} is never reached`,
        help: 'apply rampart webhook manifest again',
      });
  return found;
};

function ageOf({ subject, days, notAfter }: Lifetime): Diagnosis {
  const detail = `${subject}: until ${notAfter.toISOString().slice(0, 10)}, ${days} days`;
  if (days > ALARM_DAYS) return { state: 'ok', what: 'certificates', detail };
  return {
    state: 'gap',
    what: 'certificates',
    detail,
    help: 'rampart serve renews certificates while it runs; without it somebody else has to',
  };
}

function firstOf(pem: string): string {
  return /-----BEGIN CERTIFICATE-----[^-]*/.exec(pem)?.[0].trim() ?? pem;
}
