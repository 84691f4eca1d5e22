/** The network as tasks use it: one request, one answer, held in memory. */
export interface Network {
  /** Rejects with an Error whose `cause` says why when there is no answer at all. */
  request(request: NetworkRequest): Promise<NetworkResponse>;
}

export interface NetworkRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly followRedirects: boolean;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** A longer answer is refused. */
  readonly bytesMax: number;
}

export interface NetworkResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The answer is longer than was asked for. */
class ResponseTooLarge extends Error {
  readonly bytesMax: number;

  constructor(bytesMax: number) {
    super(`The answer has more than ${bytesMax} bytes.`);
    this.name = "ResponseTooLarge";
    this.bytesMax = bytesMax;
  }
}

export const systemNetwork: Network = { request };

async function request(wanted: NetworkRequest): Promise<NetworkResponse> {
  const { url, method, headers, body, followRedirects, timeoutMs, signal, bytesMax } = wanted;
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    redirect: followRedirects ? "follow" : "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await readBody(response, bytesMax),
  };
}

async function readBody(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new ResponseTooLarge(bytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
