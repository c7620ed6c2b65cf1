import { Injectable } from '@nestjs/common';
import { isJsonObject } from '../../core/json.js';
import { VettedFetch } from '../../egress/vetted-fetch.js';
import { splitSystem } from '../split-system.js';
import type { Said } from '../turns/turn-desk.service.js';
import { readItems } from './read-items.js';

const ADDRESS = /^\s*https?:/i;

/** Reads items that clients put into conversations: providers may be told the addresses in them at any time from then on. */
@Injectable()
export class ItemReader {
  constructor(private readonly egress: VettedFetch) {}

  /** What the items say. Throws InvalidRequestError, for addresses as `VettedFetch.checkUrl` does. */
  read(items: readonly unknown[]): Said {
    const messages = readItems(items);
    for (const { url, param } of items.flatMap(addressesIn)) this.egress.checkUrl(url, param);
    return splitSystem(messages);
  }
}

function addressesIn(item: unknown, index: number): { url: string; param: string }[] {
  if (!isJsonObject(item)) return [];
  return ['content', 'output'].flatMap((field) => {
    const parts = item[field];
    return (Array.isArray(parts) ? parts : []).flatMap((part, place) =>
      ['image_url', 'file_id'].flatMap((name) => {
        const url = isJsonObject(part) ? part[name] : undefined;
        if (typeof url !== 'string' || !ADDRESS.test(url)) return [];
        return [{ url, param: `items[${String(index)}].${field}[${String(place)}].${name}` }];
      }),
    );
  });
}
