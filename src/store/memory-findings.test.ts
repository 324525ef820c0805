import { findingStoreSuite } from './findings.suite.ts';
import { createMemoryFindings } from './memory-findings.ts';

findingStoreSuite(createMemoryFindings);
