import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { loadLanguageDetector } from '../lexical/detect-language.js';
import { SearchConfigs } from '../lexical/search-config.js';

/** The text search configurations of the database this process is connected to, read once. */
@Injectable()
export class SearchConfigSource {
  #configs: Promise<SearchConfigs> | null = null;

  constructor(private readonly dataSource: DataSource) {}

  /** Asks again when the last try failed. */
  get(): Promise<SearchConfigs> {
    this.#configs ??= this.#read().catch((error: unknown) => {
      this.#configs = null;
      throw error;
    });
    return this.#configs;
  }

  async #read(): Promise<SearchConfigs> {
    const rows = await this.dataSource.query<{ cfgname: string }[]>(`select cfgname from pg_ts_config`);
    return new SearchConfigs(
      rows.map((row) => row.cfgname),
      await loadLanguageDetector(),
    );
  }
}
