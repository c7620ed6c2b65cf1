import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { AuthConfig } from './auth-config.js';
import { ConfigurationModule } from './configuration.module.js';
import { DatabaseConfig } from './database-config.js';
import { Environment, loadEnvironment } from './environment.js';
import { GatewayConfig } from './gateway-config.js';
import { ServerConfig } from './server-config.js';

@Injectable()
class Consumer {
  constructor(
    readonly server: ServerConfig,
    readonly database: DatabaseConfig,
    readonly auth: AuthConfig,
    readonly gateway: GatewayConfig,
  ) {}
}

@Module({ providers: [Consumer] })
class FeatureModule {}

let module: TestingModule | undefined;

afterEach(async () => {
  await module?.close();
});

describe('ConfigurationModule', () => {
  it('gives every module the slices of the environment by their classes', async () => {
    const environment = loadEnvironment({ PORT: '0', OPENAI_API_KEY: 'sk' }, '/nowhere');
    module = await Test.createTestingModule({
      imports: [ConfigurationModule.forRoot(environment), FeatureModule],
    }).compile();
    const consumer = module.get(Consumer, { strict: false });
    const { server, database, auth, gateway } = consumer;
    expect(new Environment(server, database, auth, gateway)).toEqual(environment);
  });
});
