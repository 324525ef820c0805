/** The library that writes certificates. It finds its parts by decorators, and needs what those write down to be there before. */
import 'reflect-metadata';
import * as library from '@peculiar/x509';

export const x509: typeof library = library;
