// @nestjs/throttler is CommonJS and requires the ESM-only Nest packages: under jest that works only once they are loaded.
import '@nestjs/common';
import '@nestjs/core';
import 'reflect-metadata';
