/**
 * What a profile says: where a device's time went, and the host's.
 *
 * @module
 */

/**
 * How a device's times were taken. `timestamps`: the device's own clock, at
 * both ends of each dispatch; `waits`: the host's clock, each dispatch alone
 * on the queue; `host`: the host's clock around each op's CPU meaning.
 */
export type ProfileMethod = "timestamps" | "waits" | "host";

/** What a device reaches in probes; see `measurePeaks`. */
export interface DevicePeaks {
  /**
   * Product of 512 × 512 values and weights, f32 or 4-bit, whichever is
   * faster, in 10⁹ operations a second.
   */
  readonly gemmGflops: number;
  /**
   * Device memory copied, in 10⁹ bytes a second; each byte counts once, and
   * kernels are compared with twice as much, what is read and written.
   */
  readonly copyGBs: number;
}

/** A kernel on operands of certain shapes. */
export interface ProfileRow {
  /** Name of the kernel; on the CPU device, of the op. */
  readonly kernel: string;
  /** Name of the op. */
  readonly op: string;
  /** Shapes of operands and result, as `1×8 · 16×8 q4_1 → 1×16`. */
  readonly shape: string;
  /** Programs and blocks that use it; numbers of layers are shown as `*`. */
  readonly places: readonly string[];
  /** Dispatches. */
  readonly calls: number;
  /** Time of all calls, in milliseconds. */
  readonly ms: number;
  /** Time of the middle call of those that worked, in milliseconds. */
  readonly medianMs: number;
  /** Time of the first call, in milliseconds; drivers compile in it. */
  readonly firstMs: number;
  /**
   * 10⁹ floating-point operations a second, by median times. Work is what the
   * op's `cost` says of its shapes; an op of several kernels gives all of them
   * the rate that they reach together. 0 where the work is not known, as it
   * depends on how full a cache is.
   */
  readonly gflops: number;
  /** 10⁹ bytes a second, likewise; packed weights count as they lie. */
  readonly gbs: number;
  /** The nearer of the device's peaks, where those were measured. */
  readonly peak?: {
    /** What the kernel is nearer to the limit of. */
    readonly of: "arithmetic" | "memory";
    /** Share of that peak; 1 is all of it. */
    readonly share: number;
  };
}

/** Several pieces of work of one kind. */
export interface ProfileTotal {
  /** Name of a program, or kind of host work. */
  readonly name: string;
  /** Runs or pieces. */
  readonly calls: number;
  /** Their time, in milliseconds; host work may nest. */
  readonly ms: number;
}

/** A piece of work on a track of the trace. */
export interface ProfileEvent {
  /** Who worked. */
  readonly track: "host" | "device";
  /** Kind of work: a program's name on the device, e.g. `load` on the host. */
  readonly category: string;
  /** What was done. */
  readonly name: string;
  /** Milliseconds from the profile's start. */
  readonly startMs: number;
  /** Milliseconds that it took. */
  readonly ms: number;
  /** Shape and place of a dispatch. */
  readonly args?: Readonly<Record<string, string>>;
}

/** Where time went between a device's opening and the profile's end. */
export interface Profile {
  /** Name of the device. */
  readonly device: string;
  /** How the device's times were taken. */
  readonly method: ProfileMethod;
  /** What is to be known about the method on this device, in a sentence. */
  readonly note: string;
  /**
   * Milliseconds that timing adds to each dispatch, about: kernels that take
   * hardly longer are faster in a plain run than they look here.
   */
  readonly timingMs: number;
  /** Milliseconds from start to end, probes left out. */
  readonly wallMs: number;
  /** Milliseconds of all dispatches. */
  readonly deviceMs: number;
  /** Milliseconds in which a run was under way or awaited. */
  readonly runMs: number;
  /** Rows by falling time. */
  readonly rows: readonly ProfileRow[];
  /** Device time of programs, by falling time. */
  readonly programs: readonly ProfileTotal[];
  /** Host time by kind, by falling time. */
  readonly host: readonly ProfileTotal[];
  /** Pieces of work by rising start. */
  readonly events: readonly ProfileEvent[];
  /** Pieces of work that were counted in rows but kept no event. */
  readonly droppedEvents: number;
  /** Dispatches whose times were never read: nothing was read after them. */
  readonly untimed: number;
  /** What the device reached in probes, where it was measured. */
  readonly peaks?: DevicePeaks;
}
