import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildsIn, built, contents, PHOTOGRAPHS } from '../fixtures/atlas-build.ts'
import { type Running, startPortolanWith } from '../fixtures/command-line.ts'
import { writeNetwork, writePhotographs } from '../fixtures/project-files.ts'
import { freePort, noRedis, PASSWORD, startRedis, type TestRedis } from '../fixtures/redis-server.ts'

const skip =
  noRedis ??
  (spawnSync('openssl', ['version']).error ? 'there is no openssl here, which makes a certificate' : undefined)

describe.skipIf(skip !== undefined)(`a queue with TLS and a password${skip ? ` (skipped: ${skip})` : ''}`, () => {
  let folder: string
  let redis: TestRedis
  let port: number
  const path = (name: string): string => join(folder, name)
  const address = (password: string, protocol = 'rediss', host = '127.0.0.1'): string =>
    `${protocol}://:${encodeURIComponent(password)}@${host}:${port}`
  /** The certificate is its own authority. */
  const trusting = (): Record<string, string> => ({ NODE_EXTRA_CA_CERTS: path('server.crt') })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portolan-tls-'))
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-keyout', path('server.key'), '-out', path('server.crt')],
        ...['-subj', '/CN=a test', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ],
      { stdio: 'ignore' },
    )
    port = await freePort()
    redis = await startRedis(
      ...['--tls-port', String(port), '--tls-cert-file', path('server.crt'), '--tls-key-file', path('server.key')],
      ...['--tls-ca-cert-file', path('server.crt'), '--tls-auth-clients', 'no'],
    )
    await writeNetwork(path('net.onnx'))
    await writePhotographs(path('photos'), PHOTOGRAPHS)
  })
  afterAll(async () => {
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('has a build divided as any other', async () => {
    const builds = buildsIn(folder)
    const order = (project: string): readonly string[] => [...builds.small(project), '--threads', '1']
    const url = address(PASSWORD)
    const worker: Running = startPortolanWith(trusting(), 'worker', '--queue', url, '--threads', '1', '--json')
    try {
      await worker.waitFor(/has joined the queue/)
      // By the environment, where nobody sees it among the arguments of processes.
      const ended = await startPortolanWith({ ...trusting(), PORTOLAN_QUEUE: url }, ...order(path('queued.portolan')))
        .ended
      expect(ended.status, ended.err).toBe(0)
      expect(ended.err).not.toContain('unencrypted')
    } finally {
      worker.kill('SIGTERM')
    }
    const { out, err } = await worker.ended
    expect(JSON.parse(out)).toMatchObject({ failures: 0 })
    expect(JSON.parse(out).samples).toBeGreaterThan(0)
    expect(err).not.toContain(encodeURIComponent(PASSWORD))
    await built(order(path('alone.portolan')))
    expect(contents(path('queued.portolan'))).toEqual(contents(path('alone.portolan')))
  })

  it.each([
    ['a wrong password', () => address('wrong'), true, /it refuses user or password/],
    ['a certificate that nobody trusts', () => address(PASSWORD), false, /signed by nobody whom this machine trusts/],
    [
      'that of another host',
      () => address(PASSWORD, 'rediss', 'localhost'),
      true,
      /certificate is that of another host/,
    ],
    [
      'TLS at a port without',
      () => `rediss://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redis.port}`,
      true,
      /it does not answer; check .* TLS/,
    ],
    ['no TLS at a port with', () => address(PASSWORD, 'redis'), true, /check .* TLS \(rediss:\/\/\) of the address/],
  ])('that is met with %s says so in one sentence, without the password', async (_, url, trusts, why) => {
    for (const command of [
      ['worker', '--queue', url()],
      [...buildsIn(folder).small(path('refused.portolan')), '--queue', url()],
    ]) {
      const ended = await startPortolanWith(trusts ? trusting() : {}, ...command).ended
      expect(ended.status).toBe(1)
      const lines = ended.err.split('\n').filter(line => line.includes('cannot use the queue'))
      expect(lines.length, ended.err).toBeGreaterThan(0)
      expect(lines[0]).toMatch(why)
      expect(ended.err).not.toMatch(/\n {4}at /)
      for (const secret of ['wrong@', PASSWORD, encodeURIComponent(PASSWORD)]) expect(ended.err).not.toContain(secret)
    }
  })
})
