/** How long certificates still last. */
import { X509Certificate } from 'node:crypto';
import { DAY_MS } from './certificates.ts';
import { pemBlocks } from './pem.ts';

export interface Lifetime {
  /** `CN=rampart.rampart.svc`. */
  readonly subject: string;
  readonly notAfter: Date;
  /** Whole days that are left; negative: expired since. */
  readonly days: number;
}

/** Of every certificate in a PEM text: what an expiry alarm looks at. */
export function lifetimes(pem: string, now: Date): Lifetime[] {
  return pemBlocks(pem, 'CERTIFICATE').map((block) => {
    const { subject, validToDate } = new X509Certificate(block);
    const days = Math.floor((validToDate.getTime() - now.getTime()) / DAY_MS);
    return { subject: subject.split('\n').join(', '), notAfter: validToDate, days };
  });
}

/** Whether a third or less of its life is left. */
export function needsRenewal(cert: string, now: Date): boolean {
  const { validFromDate, validToDate } = new X509Certificate(cert);
  const life = validToDate.getTime() - validFromDate.getTime();
  return validToDate.getTime() - now.getTime() <= life / 3;
}
