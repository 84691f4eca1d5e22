import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BatutaError } from "../../core/problem.ts";
import type { HostedContext } from "./hosted-context.ts";

/** The part of an S3 client that a sensor needs. */
export interface S3 {
  list(wanted: ListRequest): Promise<{ readonly objects: readonly ListedObject[]; readonly next: string | undefined }>;
  close(): void;
}

export interface ListRequest {
  readonly bucket: string;
  readonly prefix: string;
  /** Where the page before has ended. */
  readonly after: string | undefined;
  readonly signal: AbortSignal;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** ISO 8601 in UTC. */
  readonly modifiedAt: string;
}

/** The package is the user's own, found from the project and imported only when it is used. */
export async function openS3(
  { connections, projectDir }: Pick<HostedContext<unknown>, "connections" | "projectDir">,
  name: string | undefined,
): Promise<S3> {
  const { S3Client, ListObjectsV2Command } = await importSdk(projectDir);
  const client = new S3Client(name === undefined ? {} : clientSettings(name, connections[name] ?? ""));
  return {
    close: () => client.destroy(),
    list: async ({ bucket, prefix, after, signal }) => {
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: after });
      const { Contents = [], NextContinuationToken } = await client.send(command, { abortSignal: signal });
      const objects = Contents.flatMap(({ Key, Size = 0, LastModified }) =>
        Key === undefined ? [] : [{ key: Key, bytes: Size, modifiedAt: (LastModified ?? new Date(0)).toISOString() }],
      );
      return { objects, next: NextContinuationToken };
    },
  };
}

/** `s3://KEY:SECRET@host:port?region=eu-west-1&tls=off` */
export function clientSettings(name: string, setting: string): ClientSettings {
  const url = URL.parse(setting);
  if (url?.protocol !== "s3:") {
    throw new BatutaError("invalid_definition", `Connection "${name}" is no address of S3.`, {
      hint: "Write it like s3://KEY:SECRET@host:port?region=eu-west-1, or s3://KEY:SECRET@?region=eu-west-1 for Amazon.",
    });
  }
  const { host, username, password, searchParams } = url;
  const scheme = searchParams.get("tls") === "off" ? "http" : "https";
  return {
    region: searchParams.get("region") ?? "us-east-1",
    // Stores other than Amazon's rarely have a name for each bucket.
    ...(host === "" ? {} : { endpoint: `${scheme}://${host}`, forcePathStyle: true }),
    ...(username === ""
      ? {}
      : {
          credentials: { accessKeyId: decodeURIComponent(username), secretAccessKey: decodeURIComponent(password) },
        }),
  };
}

export interface ClientSettings {
  readonly region?: string;
  readonly endpoint?: string;
  readonly forcePathStyle?: boolean;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** As much of `@aws-sdk/client-s3` as is used here: whoever has no S3 needs no types of it. */
interface Sdk {
  readonly S3Client: new (settings: ClientSettings) => SdkClient;
  readonly ListObjectsV2Command: new (input: {
    readonly Bucket: string;
    readonly Prefix: string;
    readonly ContinuationToken: string | undefined;
  }) => object;
}

interface SdkClient {
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<SdkPage>;
  destroy(): void;
}

interface SdkPage {
  readonly Contents?: readonly { readonly Key?: string; readonly Size?: number; readonly LastModified?: Date }[];
  readonly NextContinuationToken?: string;
}

const PACKAGE = "@aws-sdk/client-s3";

async function importSdk(projectDir: string): Promise<Sdk> {
  try {
    const path = createRequire(join(projectDir, "package.json")).resolve(PACKAGE);
    return (await import(pathToFileURL(path).href)) as Sdk;
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new BatutaError("not_found", `The package ${PACKAGE} cannot be imported: ${message}`, {
      hint: `Install it in the project folder: npm install ${PACKAGE}`,
    });
  }
}
