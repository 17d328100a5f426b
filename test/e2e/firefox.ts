import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Firefox, driven by its own WebDriver BiDi: Playwright needs a build of its own. */
export class Firefox {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #replies = new Map<number, (message: { result?: unknown; error?: string; message?: string }) => void>()
  #next = 0
  #context = ''
  /** Addresses of all requests so far. */
  readonly requests: string[] = []

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process
    this.#profile = profile
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data))
      if (message.type === 'event') {
        if (message.method === 'network.beforeRequestSent') this.requests.push(message.params.request.url)
        return
      }
      this.#replies.get(message.id)?.(message)
      this.#replies.delete(message.id)
    })
  }

  /** The command of an installed Firefox; undefined without one. */
  static find(): string | undefined {
    return ['firefox-esr', 'firefox'].find(name => spawnSync(name, ['--version']).status === 0)
  }

  static async open(command: string, size: { readonly width: number; readonly height: number }): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'portolan-firefox-'))
    // On a machine without a graphics card Mesa draws, which Firefox does not trust by itself.
    writeFileSync(join(profile, 'user.js'), 'user_pref("webgl.force-enabled", true);\n')
    const child = spawn(command, ['--remote-debugging-port=0', '--no-remote', '--profile', profile], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const address = await new Promise<string>((resolve, reject) => {
      let output = ''
      child.stderr?.on('data', part => {
        output += String(part)
        const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(output)
        if (found !== null) resolve(found[1]!)
      })
      child.once('exit', () => reject(new Error(`Firefox ended: ${output}`)))
    })
    const socket = new WebSocket(`${address}/session`)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', () => reject(new Error('Firefox refuses the connection')))
    })
    const it = new Firefox(child, profile, socket)
    await it.#send('session.new', { capabilities: {} })
    const { contexts } = (await it.#send('browsingContext.getTree', {})) as { contexts: { context: string }[] }
    it.#context = contexts[0]!.context
    await it.#send('browsingContext.setViewport', { context: it.#context, viewport: size })
    await it.#send('session.subscribe', { events: ['network.beforeRequestSent'] })
    return it
  }

  #send(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#next
    return new Promise((resolve, reject) => {
      this.#replies.set(id, ({ result, error, message }) =>
        error === undefined ? resolve(result) : reject(new Error(`${method}: ${message ?? error}`)),
      )
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  async goto(url: string): Promise<void> {
    await this.#send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' })
  }

  /** The value of an expression in the page: a string, number or boolean. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = (await this.#send('script.evaluate', {
      expression,
      target: { context: this.#context },
      awaitPromise: true,
    })) as { result?: { value?: unknown }; exceptionDetails?: { text: string } }
    if (reply.exceptionDetails !== undefined) throw new Error(reply.exceptionDetails.text)
    return reply.result?.value
  }

  /** Clicks or moves to a point of the page. */
  async pointer(x: number, y: number, click: boolean): Promise<void> {
    const actions = [
      { type: 'pointerMove', x, y },
      ...(click
        ? [
            { type: 'pointerDown', button: 0 },
            { type: 'pointerUp', button: 0 },
          ]
        : []),
    ]
    await this.#send('input.performActions', {
      context: this.#context,
      actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }],
    })
  }

  /** A PNG of the page. */
  async screenshot(): Promise<Buffer> {
    const { data } = (await this.#send('browsingContext.captureScreenshot', { context: this.#context })) as {
      data: string
    }
    return Buffer.from(data, 'base64')
  }

  async close(): Promise<void> {
    this.#socket.close()
    const ended = new Promise(resolve => this.#process.once('exit', resolve))
    this.#process.kill()
    await ended
    rmSync(this.#profile, { recursive: true, force: true })
  }
}
