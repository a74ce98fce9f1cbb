//! Makes Rust of the service's description.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let description = protox::compile(["orders.proto"], ["proto"])?;
    tonic_prost_build::configure().compile_fds(description)?;
    Ok(())
}
