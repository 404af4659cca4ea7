import { expect, it } from '@jest/globals';
import { packageName } from '../../../src/model/package-name.ts';

it.each([
  ['log4j-core', 'log4j-core'],
  ['org.apache.logging.log4j:log4j-core', 'log4j-core'],
  ['org.apache.logging.log4j:log4j-core:2.14.1', 'log4j-core'],
  ['lodash@4.17.20', 'lodash'],
  ['@babel/core', 'core'],
  ['@babel/core@7.0.0', 'core'],
  ['github.com/acme/app/v2', 'app'],
  ['/app/lib/log4j-core-2.14.1.jar', 'log4j-core'],
  ['C:\\app\\Newtonsoft.Json.13.0.1.nupkg', 'newtonsoft-json'],
  ['log4j-1.2-api-2.17.0.jar', 'log4j-1-2-api'],
  ['jackson-module-scala_2.13-2.14.0.jar', 'jackson-module-scala-2-13'],
  ['netty-tcnative-2.0.61.Final-linux-x86_64.jar', 'netty-tcnative'],
  ['numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'numpy'],
  ['libssl3_3.0.9-1_amd64.deb', 'libssl3'],
  ['openssl-libs-3.0.7-1.el9.x86_64.rpm', 'openssl-libs'],
  ['rails-7.0.4.2.gem', 'rails'],
  ['serde-1.0.190.crate', 'serde'],
  ['/usr/lib/libcrypto.so.1.1', 'libcrypto'],
  ['commons-lang3-3.12.0.jar', 'commons-lang3'],
  ['app-5.war', 'app'],
  ['base-64', 'base-64'],
  ['log4j-1.2-api', 'log4j-1-2-api'],
])('%s is compared as %s', (text, name) => {
  expect(packageName(text)).toBe(name);
});
