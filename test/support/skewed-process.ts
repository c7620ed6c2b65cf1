import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { ServerProcess } from './server-process.js';

const LIBRARIES = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
];

/** The library that lies to a process about the time; null where there is none. */
export const faketimeLibrary = LIBRARIES.find((path) => existsSync(path)) ?? null;

/** Starts a server whose wall clock goes as the file says at any moment (`+3600`, `-3600`, a date that stands still). */
export function startSkewed(variables: Readonly<Record<string, string>>, file: string): Promise<ServerProcess> {
  setSkew(file, '+0');
  return ServerProcess.start({
    ...variables,
    LD_PRELOAD: faketimeLibrary ?? '',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
}

/** Puts the clock of the process forward or back, or makes it stand still. */
export function setSkew(file: string, skew: string): void {
  // The process reads it at any moment, and an empty file would be no time at all.
  writeFileSync(`${file}.next`, skew);
  renameSync(`${file}.next`, file);
}
