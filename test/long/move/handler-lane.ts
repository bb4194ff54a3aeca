import { isDeepStrictEqual } from "node:util";

import type {
  KeptReplica,
  ReplicaInputs,
  ReplicaState,
} from "../../../provider/core/replica/model";
import { MovingRedis, REPLICA } from "../../lab/moving-redis";
import { impatient, Lane, type Ending, type RunningMove } from "./lane";
import { ReplicaProcess, type Result } from "./replica-process";

/**
 * Moves by the library's handler in a process of its own, called as Pulumi's provider process calls
 * it.
 */
export class HandlerLane extends Lane {
  private readonly redis: MovingRedis;
  private spare: ReplicaProcess | undefined;
  private state!: ReplicaState;
  /**
   * The inputs that state has, as the engine would compare them with the program's; none: it must
   * be updated.
   */
  private known: KeptReplica | undefined;

  constructor(name: string, kinds: readonly string[] = []) {
    super(name, REPLICA, kinds);
    this.redis = new MovingRedis(this.hosts);
  }

  protected get spec(): ReplicaInputs["spec"] {
    return this.redis.inputs(this.at).spec;
  }

  protected async join(): Promise<void> {
    await this.hosts.up();
    this.hosts.connections = impatient(this.hosts.connections);
    await this.redis.volume.create(this.redis.volumeInputs());
  }

  protected async create(): Promise<void> {
    this.known = this.redis.inputs(this.at);
    const { outs } = await this.once((library) =>
      library.create(this.redis.program(this.at), this.known as KeptReplica),
    );
    this.state = outs;
  }

  move(to: string): RunningMove {
    const library = this.process();
    const program = this.redis.program(to, this.change);
    const inputs = this.redis.inputs(to, this.change);
    const ended = library.update(REPLICA, this.state, program, inputs).then(async (result) => {
      await library.end();
      return this.keep(inputs, result);
    });
    return { provider: { pids: [library.pid] }, ended };
  }

  async refresh(): Promise<string | undefined> {
    const { id, props, inputs } = await this.once(async (library) => {
      // The engine reads the mesh in the same run, which says where all hosts are.
      await library.check({}, this.redis.program(this.at));
      return library.read(REPLICA, this.state);
    });
    if (id === "") return undefined;
    this.state = props;
    // Also of an update that failed half way: the engine forgets that once it has read the
    // resource.
    this.known = inputs;
    return props.host;
  }

  async upTo(host: string): Promise<Ending> {
    const inputs = this.redis.inputs(host, this.change);
    if (isDeepStrictEqual(plain(this.known), plain(inputs))) return { done: true, changed: false };
    const program = this.redis.program(host, this.change);
    const result = await this.once((library) =>
      library.update(REPLICA, this.state, program, inputs),
    );
    return this.keep(inputs, result);
  }

  override async down(): Promise<void> {
    await this.spare?.end();
    await super.down();
  }

  /** What Pulumi would have in its state afterwards. */
  private keep(inputs: KeptReplica, { state, failure, partial }: Result): Ending {
    if (state !== undefined) {
      this.state = state;
      this.known = inputs;
      return { done: true, changed: true };
    }
    if (partial !== undefined) {
      this.state = partial;
      this.known = undefined;
    }
    return failure === undefined ? { changed: true } : { done: false, failure, changed: true };
  }

  /** A process with the library loaded; the next one is being loaded meanwhile. */
  private process(): ReplicaProcess {
    const ready = this.spare ?? new ReplicaProcess();
    this.spare = new ReplicaProcess();
    return ready;
  }

  private async once<T>(work: (library: ReplicaProcess) => Promise<T>): Promise<T> {
    const library = this.process();
    try {
      return await work(library);
    } finally {
      await library.end();
    }
  }
}

/** As it comes out of Pulumi's state: without what is undefined. */
function plain(value: object | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
