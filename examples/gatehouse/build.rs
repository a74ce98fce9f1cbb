//! Makes Rust of the gRPC service's description.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let description = protox::compile(["gatehouse.proto"], ["proto"])?;
    tonic_prost_build::configure().compile_fds(description)?;
    Ok(())
}
