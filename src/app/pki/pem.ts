/** The blocks of a PEM text with this label, each ending its line. */
export function pemBlocks(text: string, label: 'CERTIFICATE' | 'PRIVATE KEY'): string[] {
  const blocks = text.matchAll(new RegExp(`-----BEGIN ${label}-----[\\s\\S]*?-----END ${label}-----`, 'g'));
  return [...blocks].map(([block]) => `${block}\n`);
}
