/** Who connects to a controller, beside admission workers: names in certificates. */

/** By the certificate: people who look, by commands on the controller's machine. */
export const CONSOLE = 'console';

/** By the certificate: it sends findings and no decisions, all others decisions and no findings. */
export const BACKGROUND = 'background';
